"""What the URLs under /mentoring/ answer."""

from portal.mentoring.views import asking, caring, coordination, holding, mentors, pairings
from portal.mentoring.views.base import blueprint

__all__ = ["asking", "blueprint", "caring", "coordination", "holding", "mentors", "pairings"]
