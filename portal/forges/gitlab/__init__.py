"""GitLab: its settings, its client, and what its addresses mean."""

from portal.forges.forge import Forge
from portal.forges.gitlab import addresses
from portal.forges.gitlab.client import connect
from portal.forges.gitlab.settings import GitlabConfig

GITLAB = Forge(
    kind="gitlab",
    label="GitLab",
    settings=GitlabConfig,
    connect=connect,
    account_path=addresses.ACCOUNT_PATH,
    project_path=addresses.project_path,
    change_path=addresses.change_path,
    number_sign="!",
)
