"""Who may sign in and how: email sign-in, second factors by allauth, guessing slowed by axes."""

from datetime import timedelta

from . import env
from .mode import PRODUCTION

AUTH_USER_MODEL = "sites.User"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
LOGIN_URL = "/accounts/login/"
LOGIN_REDIRECT_URL = "/"

PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
PASSWORD_RESET_TIMEOUT = int(timedelta(hours=4).total_seconds())

# A phone in the yard stays signed in for a fortnight of use; a stolen session ends with a new password.
SESSION_COOKIE_AGE = int(timedelta(days=14).total_seconds())

# Accounts are made by an administrator: nobody signs up, and the address needs no confirmation.
ACCOUNT_ADAPTER = "sites.adapters.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_LOGOUT_REDIRECT_URL = "/accounts/login/"
ACCOUNT_LOGIN_ON_PASSWORD_RESET = False
ACCOUNT_REAUTHENTICATION_TIMEOUT = int(timedelta(minutes=15).total_seconds())
# A dealership's whole staff often shares one address: the limits per IP leave room for the morning.
ACCOUNT_RATE_LIMITS = {"login": "120/m/ip", "login_failed": "60/m/ip,30/300s/key"}

MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_ALLOW_UNVERIFIED_EMAIL = True
MFA_TOTP_ISSUER = "DMS"
# Browsers allow passkeys without https on localhost only, so this opens nothing that the browser keeps shut.
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not PRODUCTION

# A typo or two never locks anybody out; guessing stops at the eighth try, for one person from one address.
AXES_FAILURE_LIMIT = 8
AXES_COOLOFF_TIME = timedelta(minutes=15)
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_ON_SUCCESS = True
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
AXES_USERNAME_CALLABLE = "sites.adapters.tried_email"
AXES_CLIENT_IP_CALLABLE = "sites.adapters.client_ip"
AXES_LOCKOUT_CALLABLE = "sites.adapters.locked_out"
AXES_DISABLE_ACCESS_LOG = True  # who signed in when is nobody's statistics
AXES_VERBOSE = False

# Proxies in front of this process that append to X-Forwarded-For: Caddy in production.
ALLAUTH_TRUSTED_PROXY_COUNT = env.number("TRUSTED_PROXIES", 1 if PRODUCTION else 0)
