# Owned by the app: readable whatever umask the checkout was made with.
# What every release of the sample app shares: Debian, Node.js and the app's dependencies. Built once per content.
FROM debian:bookworm
COPY node /usr/local/bin/node
COPY --chown=1001:1001 node_modules /app/node_modules
# The two folders the app writes to; in production a mount covers each of them.
RUN mkdir -p /app/data /app/.next/cache && chown 1001:1001 /app/data /app/.next/cache
WORKDIR /app
ENV NODE_ENV=production PORT=3000
EXPOSE 3000
USER 1001:1001
CMD ["node", "server.js"]
