"""What people do in mentoring. Rows are taken in the order pairing, mentor, request, so that nobody deadlocks."""
