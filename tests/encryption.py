"""Keys for what is stored; they are in every copy of the project."""

from hub.redis_names import RedisNames
from hub.vault import Vault
from hub.vault_keys import Keys

KEYS = Keys({"first": bytes(range(32))}, bytes(range(32, 64)))
ENCRYPTION_KEYS = KEYS.text()
VAULT = Vault(KEYS)
NAMES = RedisNames(VAULT)
