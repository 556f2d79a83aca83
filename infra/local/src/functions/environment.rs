//! Threads that run functions.

use std::collections::{BTreeMap, HashMap};
use std::rc::Rc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};

use jiff::Timestamp;
use serde_json::Value;
use tokio::runtime::Runtime;
use tokio::sync::oneshot;
use tokio::task::LocalSet;

use super::reasons::Reasons;
use super::{Build, Environment, Handler, Measures};

/// One event on its way to a function.
pub(super) struct Job {
    pub function: String,
    pub now: Timestamp,
    pub event: Value,
    pub answer: oneshot::Sender<Result<Value, String>>,
}

pub(super) type Builds = BTreeMap<String, (Build, Environment)>;

/// The threads; they have ended, and let go of everything, when this is dropped.
pub(super) struct Environments {
    jobs: Option<Sender<Job>>,
    threads: Vec<JoinHandle<()>>,
}

impl Drop for Environments {
    fn drop(&mut self) {
        // Without a sender there is no next job.
        self.jobs = None;
        for thread in self.threads.drain(..) {
            // A thread that panicked has told so, and has ended too.
            thread.join().ok();
        }
    }
}

impl Environments {
    pub(super) fn start(
        count: usize,
        builds: &Builds,
        measures: &Measures,
        reasons: &Reasons,
    ) -> Self {
        let (sender, receiver) = channel();
        let receiver = Arc::new(Mutex::new(receiver));
        let thread = |number| {
            let (jobs, builds) = (Arc::clone(&receiver), builds.clone());
            let (measures, listener) = (measures.clone(), reasons.listener());
            let run = move || Thread::new(jobs, builds, measures).run();
            thread::Builder::new()
                .name(format!("environment-{number}"))
                .spawn(move || tracing::dispatcher::with_default(&listener, run))
                .expect("the machine can start a thread")
        };
        Self {
            threads: (0..count).map(thread).collect(),
            jobs: Some(sender),
        }
    }

    /// Queues a job for the next free environment.
    pub(super) fn take(&self, job: Job) {
        // Without environments the job is dropped, which its caller sees as a lost answer.
        if let Some(jobs) = &self.jobs {
            jobs.send(job).ok();
        }
    }
}

struct Thread {
    jobs: Arc<Mutex<Receiver<Job>>>,
    builds: Builds,
    measures: Measures,
    warm: HashMap<String, Rc<Handler>>,
}

impl Thread {
    fn new(jobs: Arc<Mutex<Receiver<Job>>>, builds: Builds, measures: Measures) -> Self {
        Self {
            jobs,
            builds,
            measures,
            warm: HashMap::new(),
        }
    }

    fn run(mut self) {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .expect("the machine can start a runtime");
        while let Some(job) = self.next() {
            let outcome = self.invoke(&runtime, &job.function, job.now, job.event);
            // Whoever asked may have gone.
            job.answer.send(outcome).ok();
        }
    }

    fn next(&self) -> Option<Job> {
        let jobs = self.jobs.lock().expect("no holder of the jobs panics");
        jobs.recv().ok()
    }

    fn invoke(
        &mut self,
        runtime: &Runtime,
        function: &str,
        now: Timestamp,
        event: Value,
    ) -> Result<Value, String> {
        let handler = self.handler(function)?;
        let local = LocalSet::new();
        let answer = local.block_on(runtime, async {
            tokio::task::spawn_local(async move { handler(now, event).await }).await
        });
        match answer {
            Ok(answer) => answer.map_err(|failure| failure.to_string()),
            Err(ended) => {
                // As in Lambda, a panic costs the environment its warm function.
                self.warm.remove(function);
                Err(format!("the function panicked: {}", words(ended)))
            }
        }
    }

    fn handler(&mut self, function: &str) -> Result<Rc<Handler>, String> {
        if let Some(handler) = self.warm.get(function) {
            return Ok(Rc::clone(handler));
        }
        let (build, environment) = self
            .builds
            .get(function)
            .ok_or_else(|| format!("there is no function {function}"))?;
        let handler = build(environment, &self.measures).map_err(|error| error.to_string())?;
        let handler = Rc::new(handler);
        self.warm.insert(function.to_owned(), Rc::clone(&handler));
        Ok(handler)
    }
}

fn words(ended: tokio::task::JoinError) -> String {
    let Ok(panic) = ended.try_into_panic() else {
        return "it was cancelled".to_owned();
    };
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    text.or_else(|| panic.downcast_ref::<String>().cloned())
        .unwrap_or_else(|| "no words".to_owned())
}
