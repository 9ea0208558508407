# sre-run in a container: slim, without a compiler, not as root. docs/releasing.md says how it is built and run.
FROM python:3.13-slim AS build
WORKDIR /src
COPY requirements.lock pyproject.toml README.md LICENSE ./
COPY sre_runner sre_runner
COPY agents.d agents.d
COPY tools.d tools.d
COPY playbooks playbooks
COPY runbooks runbooks
COPY examples examples
RUN python -m venv /opt/build \
    && /opt/build/bin/pip install --quiet --no-cache-dir --no-deps --require-hashes -r requirements.lock \
    && /opt/build/bin/python -m hatchling build -t wheel -d /dist \
    && python -m venv /opt/sre-run \
    && /opt/sre-run/bin/pip install --quiet --no-cache-dir /dist/*.whl

FROM python:3.13-slim
RUN useradd --create-home --uid 10001 sre
COPY --from=build /opt/sre-run /opt/sre-run
ENV PATH=/opt/sre-run/bin:$PATH PYTHONUNBUFFERED=1
USER sre
WORKDIR /work
ENTRYPOINT ["sre-run"]
CMD ["--help"]
