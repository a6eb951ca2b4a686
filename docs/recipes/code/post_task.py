# Posts a task to Ringback. Python 3.9 or later, no packages.
#   RINGBACK_URL=https://ringback.your-name.workers.dev RINGBACK_KEY=rb_… CALLBACK_URL=https://… python3 post_task.py 42
import json
import os
import sys
import urllib.error
import urllib.request

for name in ("RINGBACK_URL", "RINGBACK_KEY", "CALLBACK_URL"):
    if not os.environ.get(name):
        sys.exit(f"{name} is missing: {name}=… python3 post_task.py")
if not os.environ["RINGBACK_URL"].startswith(("https:", "http:")):
    sys.exit("RINGBACK_URL begins with https:// (on your own machine http://).")
row = sys.argv[1] if len(sys.argv) > 1 else "42"

request = urllib.request.Request(
    os.environ["RINGBACK_URL"].rstrip("/") + "/v1/tasks",
    method="POST",
    headers={
        "Authorization": "Bearer " + os.environ["RINGBACK_KEY"],
        "Content-Type": "application/json",
        # The same key with the same body is the same task: running this twice costs once.
        "Idempotency-Key": f"video-of-row-{row}",
    },
    data=json.dumps(
        {
            "model": "seedance-2.0-reference-to-video",
            "input": {
                "prompt": "A red fox walks through fresh snow at dawn",
                "resolution": "720p",
                "duration": 5,
            },
            "callback_url": os.environ["CALLBACK_URL"],
            "metadata": {"row": row},
        }
    ).encode(),
)

try:
    with urllib.request.urlopen(request) as response:
        task = json.load(response)
        print(response.status, task["id"], task["state"])
except urllib.error.HTTPError as error:
    sys.exit(f"{error.code} {error.read().decode()}")
except urllib.error.URLError as error:
    sys.exit(f"{request.full_url} cannot be reached: {error.reason}")
