//! The options of each server that matter: those that set the number of processes, and those that
//! take a value, so that the value is not taken for the application.

/// The options of a server that matter.
pub(super) struct Options {
    /// Those for the number of processes.
    pub(super) workers: &'static [&'static str],
    /// Those that take a value, beside the ones for workers.
    pub(super) valued: &'static str,
}

impl Options {
    /// Returns whether an option takes the word behind it as its value.
    pub(super) fn take_value(&self, name: &str) -> bool {
        self.workers.contains(&name) || self.valued.split(' ').any(|known| known == name)
    }
}

pub(super) const GUNICORN: Options = Options {
    workers: &["-w", "--workers"],
    valued: "-b --bind -c --config -k --worker-class --threads -t --timeout --chdir \
             --log-level --log-file --access-logfile --error-logfile -n --name \
             --worker-connections --max-requests --max-requests-jitter --graceful-timeout \
             --keep-alive --worker-tmp-dir -e --env -p --pid -u --user -g --group -m --umask \
             --pythonpath --paste --forwarded-allow-ips --access-logformat --log-config \
             --log-config-dict --certfile --keyfile --backlog --limit-request-line \
             --proxy-allow-from --statsd-host --statsd-prefix --dogstatsd-tags --logger-class \
             --reload-extra-file --reload-engine",
};

pub(super) const UVICORN: Options = Options {
    workers: &["--workers"],
    valued: "--host --port --uds --fd --loop --http --ws --lifespan --interface --log-level \
             --log-config --env-file --root-path --limit-concurrency --backlog \
             --limit-max-requests --timeout-keep-alive --timeout-graceful-shutdown \
             --ssl-keyfile --ssl-certfile --app-dir --forwarded-allow-ips --header \
             --reload-dir --reload-include --reload-exclude --reload-delay --ws-max-size \
             --ws-ping-interval --ws-ping-timeout --timeout-worker-healthcheck",
};

pub(super) const HYPERCORN: Options = Options {
    workers: &["-w", "--workers"],
    valued: "-b --bind -c --config -k --worker-class --access-logfile --error-logfile \
             --log-level --log-config --keep-alive --graceful-timeout --root-path --certfile \
             --keyfile --insecure-bind --quic-bind -p --pid --max-requests",
};

pub(super) const GRANIAN: Options = Options {
    workers: &["--workers"],
    valued: "--interface --host --port --loop --http --runtime-threads --blocking-threads \
             --runtime-mode --backlog --backpressure --log-level --log-config --working-dir \
             --env-files --ssl-keyfile --ssl-certificate --url-path-prefix --process-name \
             --workers-lifetime --respawn-interval",
};

pub(super) const DAPHNE: Options = Options {
    workers: &[],
    valued: "-b --bind -p --port -u --unix-socket --fd -e --endpoint -v --verbosity -t \
             --http-timeout --access-log --log-fmt --ping-interval --ping-timeout \
             --application-close-timeout --root-path -s --server-name",
};

pub(super) const WAITRESS: Options = Options {
    workers: &[],
    valued: "--app",
};

pub(super) const FASTAPI: Options = Options {
    workers: &["--workers"],
    valued: "--host --port --root-path --app -e --entrypoint --forwarded-allow-ips",
};

pub(super) const DRAMATIQ: Options = Options {
    workers: &["-p", "--processes"],
    valued: "-t --threads -Q --queues --path --pid-file --log-file",
};
