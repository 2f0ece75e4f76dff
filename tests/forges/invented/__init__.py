"""A kind of review server that nobody has: one folder, as any forge is, and not a word of it anywhere else."""

from portal.forges.forge import Forge
from tests.forges.invented import addresses
from tests.forges.invented.client import connect
from tests.forges.invented.settings import InventedConfig

INVENTED = Forge(
    kind="invented",
    label="Invented",
    settings=InventedConfig,
    connect=connect,
    account_path=addresses.ACCOUNT_PATH,
    project_path=addresses.project_path,
    number_sign="~",
)
