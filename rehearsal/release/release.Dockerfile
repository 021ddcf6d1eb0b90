# One release: the app's own files, with release.json, in a single small layer.
ARG BASE
FROM ${BASE}
COPY --chown=1001:1001 app /app
