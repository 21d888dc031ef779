#!/usr/bin/env bash
# Installs the public SDKs, which are no Debian packages, on which the stand-ins for outside services are built
# (Fixtures/providers), or which tests compare with, into .build/providers. Says so when that fails: tests and demos then
# do without them.
set -euo pipefail
cd "$(dirname "$0")/.."
folder="$PWD/.build/providers"
[ -d "$folder/alipay" ] && [ -d "$folder/social_core" ] && [ -d "$folder/aliyunsdkcore" ] ||
    /usr/bin/python3 -m pip install -q --root-user-action=ignore --target "$folder" --upgrade \
        python-alipay-sdk==3.4.0 social-auth-core==7.0.0 aliyun-python-sdk-core==2.16.0 ||
    echo "the SDKs could not be installed: there is no stand-in for Alipay, and nothing to compare QQ and Aliyun with" >&2
