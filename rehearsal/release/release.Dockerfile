# One release: the app's own files, with release.json, in a single small layer.
ARG BASE
FROM ${BASE}
# For whoever runs the image by itself; on the VPS the container has a probe of its own.
HEALTHCHECK --interval=1m --timeout=30s --start-period=1m CMD ["node", "--eval", "fetch('http://127.0.0.1:3000/api/health').then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
COPY --chown=1001:1001 app /app
