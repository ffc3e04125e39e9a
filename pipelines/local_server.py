"""Import before prefect: settings for flows that run without a Prefect server of their own.

Prefect then starts a temporary server on SQLite. Its background services write to the same file as the flow and log
"database is locked" and flush errors; none of them is needed to run one flow, so they are off. Telemetry is off always.
Everything is a default: what the environment or a Prefect profile says wins.
"""

import os

_SERVICES = (
    "SCHEDULER",
    "LATE_RUNS",
    "TRIGGERS",
    "TASK_RUN_RECORDER",
    "EVENT_PERSISTER",
    "FOREMAN",
    "CANCELLATION_CLEANUP",
    "PAUSE_EXPIRATIONS",
)
_TELEMETRY = {"PREFECT_SERVER_ANALYTICS_ENABLED": "false", "DO_NOT_TRACK": "1"}
_TEMPORARY = {f"PREFECT_SERVER_SERVICES_{name}_ENABLED": "false" for name in _SERVICES} | {
    "PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS": "120",
    "PREFECT_LOGGING_TO_API_ENABLED": "false",
}

for _name, _value in (_TELEMETRY if "PREFECT_API_URL" in os.environ else _TELEMETRY | _TEMPORARY).items():
    os.environ.setdefault(_name, _value)
