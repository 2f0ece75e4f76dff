"""What helps authors of content: skeletons of new files, stamps on translations, the list of what is to translate."""
