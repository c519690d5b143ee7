# One image for every process of the product; docker-compose.yml chooses the command.

FROM python:3.13-slim AS build
WORKDIR /app
ENV PYTHONDONTWRITEBYTECODE=1

# Dependencies first: they change seldom. The same scripts as `make run`, from the same hashed locks.
COPY requirements requirements
COPY scripts scripts
RUN python -c "from scripts import environment; environment.ensure()"

COPY package.json package-lock.json .npmrc ./
COPY static_src static_src
RUN python -c "from scripts import frontend; frontend.ensure()" && rm -rf node_modules .venv/node

COPY . .
RUN .venv/bin/python -c "from scripts import catalogue; catalogue.compile_if_older()" \
 && DMS_MODE=production SECRET_KEY=only-for-collecting-static-files-during-the-build-of-the-image \
    ALLOWED_HOSTS=build PUBLIC_URL=https://build DATABASE_URL=postgresql://build REDIS_URL=redis://build DMS_DATA=/tmp \
    .venv/bin/python manage.py collectstatic --no-input --verbosity 0 \
 && .venv/bin/python -m compileall -q core gateways sites notifications leads dms


FROM python:3.13-slim
RUN groupadd --system --gid 10001 dms \
 && useradd --system --uid 10001 --gid dms --home-dir /nonexistent --shell /usr/sbin/nologin dms \
 && install --directory --owner dms --group dms --mode 0750 /data
WORKDIR /app
# The environment was made at this very path with this very Python.
COPY --from=build /app /app
ENV PATH=/app/.venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 DMS_DATA=/data
USER dms
VOLUME /data
CMD ["sh", "deploy/processes/web.sh"]
