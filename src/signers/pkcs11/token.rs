//! A token that is kept open: a bounded number of sessions, each in a thread of its own, and what is known of it.

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    path::PathBuf,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
        mpsc::{Receiver, RecvTimeoutError, SyncSender, TrySendError, sync_channel},
    },
    time::Duration,
};

use jiff::{SignedDuration, Timestamp};

use super::{
    fault::{Called, Fault},
    module::Module,
    session::Open,
};
use crate::{
    clock::Clock,
    keys::Health,
    limits::{TOKEN_PAUSE_SECONDS, TOKEN_QUEUE},
    signers::{Pin, TokenError, TokenUri},
};

/// Work for one session, and where its outcome goes.
type Job = Box<dyn FnOnce(&mut Worker) + Send>;

/// The queues of all tokens, so that no thread of theirs ever ends. Whatever a vendor's library does when one of its
/// threads or sessions ends may come while the same library is torn down at the end of the program, and then crashes
/// it (seen with SoftHSM2, whose OpenSSL cleans up in both places). The system ends the threads, the token its sessions.
static KEPT: Mutex<Vec<SyncSender<Job>>> = Mutex::new(Vec::new());

/// A token. Its threads and sessions live as long as the program.
pub(super) struct Token {
    shared: Arc<Shared>,
    jobs: SyncSender<Job>,
}

/// What all threads of a token know.
struct Shared {
    module: PathBuf,
    /// Names the token; the key in it does not count here.
    uri: TokenUri,
    pin: Pin,
    clock: Arc<dyn Clock>,
    state: Mutex<State>,
    /// One opens a session at a time: a wrong PIN is tried once, not once a session.
    opening: Mutex<()>,
    /// It was open once: if it is not to be found now, it is away.
    known: AtomicBool,
}

/// What is known of a token.
struct State {
    health: Health,
    /// When it is asked again, while it is away.
    again: Timestamp,
    /// The pause before that.
    pause: SignedDuration,
}

/// A thread with its session.
struct Worker {
    shared: Arc<Shared>,
    open: Option<Open>,
}

impl Token {
    /// A token with its threads; nothing is opened yet.
    pub(super) fn new(
        module: PathBuf,
        uri: &TokenUri,
        pin: Pin,
        sessions: usize,
        clock: &Arc<dyn Clock>,
    ) -> Result<Self, TokenError> {
        let name = uri.token_name();
        let state = State { health: Health::Ok, again: Timestamp::MIN, pause: SignedDuration::from_secs(1) };
        let shared = Arc::new(Shared {
            module,
            uri: uri.clone(),
            pin,
            clock: Arc::clone(clock),
            state: Mutex::new(state),
            opening: Mutex::new(()),
            known: AtomicBool::new(false),
        });
        let (jobs, queue) = sync_channel::<Job>(TOKEN_QUEUE);
        KEPT.lock().unwrap_or_else(PoisonError::into_inner).push(jobs.clone());
        let queue = Arc::new(Mutex::new(queue));
        for _ in 0..sessions.max(1) {
            let worker = Worker { shared: Arc::clone(&shared), open: None };
            let queue = Arc::clone(&queue);
            let thread = std::thread::Builder::new().name("token".to_owned()).spawn(move || worker.work(&queue));
            thread.map_err(|error| TokenError::Failed {
                token: name.clone(),
                what: "be given a thread",
                reason: error.kind().to_string(),
            })?;
        }
        Ok(Self { shared, jobs })
    }

    /// Name of the token.
    pub(super) fn name(&self) -> String {
        self.shared.uri.token_name()
    }

    /// The same token, which was not there when it was first asked for, and is away from now on until it comes.
    pub(super) fn expected(self: Arc<Self>, error: &TokenError) -> Arc<Self> {
        self.shared.known.store(true, Ordering::Release);
        let reason = match error {
            TokenError::Away { reason, .. } => reason.clone(),
            other => other.to_string(),
        };
        self.shared.note::<()>(&Err(Fault::Away(reason)));
        self
    }

    /// How it is, as its last use told.
    pub(super) fn health(&self) -> Health {
        self.shared.state().health.clone()
    }

    /// Runs `work` in one of the sessions, within `limit`. Work that fails because its session or token went away is
    /// run once more in a new session.
    pub(super) fn call<T: Send + 'static>(
        &self,
        limit: Duration,
        what: &'static str,
        work: impl Fn(&mut Open) -> Called<T> + Send + 'static,
    ) -> Result<T, TokenError> {
        self.shared.admit()?;
        let (reply, answer) = sync_channel(1);
        let left = Arc::new(AtomicBool::new(false));
        let gone = Arc::clone(&left);
        let job: Job = Box::new(move |worker| {
            // Whoever asked may have left while this waited for a session.
            if !gone.load(Ordering::Acquire) {
                let outcome = worker.run(&work);
                worker.shared.note(&outcome);
                let _ = reply.send(outcome);
            }
        });
        let outcome = match self.jobs.try_send(job) {
            Ok(()) => match answer.recv_timeout(limit) {
                Ok(outcome) => outcome,
                Err(RecvTimeoutError::Timeout) => {
                    left.store(true, Ordering::Release);
                    let fault = Fault::Away(format!("no answer within {} seconds", limit.as_secs()));
                    self.shared.note::<T>(&Err(fault.clone()));
                    Err(fault)
                }
                Err(RecvTimeoutError::Disconnected) => Err(Fault::Failed("the library broke off".to_owned())),
            },
            Err(TrySendError::Full(_)) => Err(Fault::Away("too many calls wait for it".to_owned())),
            Err(TrySendError::Disconnected(_)) => Err(Fault::Failed("the library broke off".to_owned())),
        };
        let token = self.name();
        outcome.map_err(|fault| match fault {
            Fault::Session(reason) | Fault::Away(reason) => TokenError::Away { token, reason },
            Fault::Refused(reason) => TokenError::Refused { token, reason },
            Fault::Wrong(error) => error,
            Fault::Failed(reason) => TokenError::Failed { token, what, reason },
        })
    }
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Lets a call through, or says at once that the token is away: it is asked again only from time to time, and by
    /// one call at a time.
    fn admit(&self) -> Result<(), TokenError> {
        let token = self.uri.token_name();
        let now = self.clock.now();
        let mut state = self.state();
        match &state.health {
            Health::Ok => Ok(()),
            Health::Refused { reason, .. } => Err(TokenError::Refused { token, reason: reason.clone() }),
            Health::Away { reason, .. } => {
                let longest = SignedDuration::from_secs(TOKEN_PAUSE_SECONDS);
                // A clock that was set back must not keep it away.
                if now < state.again && state.again.duration_since(now) <= longest {
                    return Err(TokenError::Away { token, reason: reason.clone() });
                }
                state.again = now.checked_add(state.pause).unwrap_or(now);
                Ok(())
            }
        }
    }

    /// Notes how a call went.
    fn note<T>(&self, outcome: &Called<T>) {
        let now = self.clock.now();
        let mut state = self.state();
        match outcome {
            Err(Fault::Session(reason) | Fault::Away(reason)) => {
                if !matches!(state.health, Health::Away { .. }) {
                    tracing::warn!("the token {} is away: {reason}", self.uri.token_name());
                }
                let since = match &state.health {
                    Health::Away { since, .. } => *since,
                    _ => now,
                };
                if !matches!(state.health, Health::Refused { .. }) {
                    state.health = Health::Away { since, reason: reason.clone() };
                }
                state.again = now.checked_add(state.pause).unwrap_or(now);
                state.pause = (state.pause * 2).min(SignedDuration::from_secs(TOKEN_PAUSE_SECONDS));
            }
            Err(Fault::Refused(reason)) => {
                if !matches!(state.health, Health::Refused { .. }) {
                    tracing::error!("the token {} refuses: {reason}", self.uri.token_name());
                    state.health = Health::Refused { since: now, reason: reason.clone() };
                }
            }
            // It answered.
            Ok(_) | Err(Fault::Wrong(_) | Fault::Failed(_)) => {
                if matches!(state.health, Health::Away { .. }) {
                    tracing::warn!("the token {} is back", self.uri.token_name());
                    state.health = Health::Ok;
                }
                state.pause = SignedDuration::from_secs(1);
            }
        }
    }
}

/// Sessions that a call opens, one after the other, before the token counts as away.
const SESSIONS_TRIED: usize = 4;

impl Worker {
    /// Takes jobs as long as the program lives.
    fn work(mut self, queue: &Mutex<Receiver<Job>>) {
        loop {
            let job = queue.lock().unwrap_or_else(PoisonError::into_inner).recv();
            let Ok(job) = job else { return };
            // A library that makes the crate around it panic costs this session, not the program.
            if catch_unwind(AssertUnwindSafe(|| job(&mut self))).is_err() {
                self.open = None;
            }
        }
    }

    /// Runs work in the session, which is opened first if there is none.
    fn run<T>(&mut self, work: &dyn Fn(&mut Open) -> Called<T>) -> Called<T> {
        match self.settle(work) {
            Err(Fault::Away(reason)) => {
                self.drop_session();
                self.revive(reason)?;
                self.settle(work)
            }
            outcome => outcome,
        }
    }

    /// Opens the session anew where it was lost. That may take more than once: while this one opens its own, another
    /// caller may begin the library anew, which ends all sessions.
    fn settle<T>(&mut self, work: &dyn Fn(&mut Open) -> Called<T>) -> Called<T> {
        let mut outcome = self.attempt(work);
        for _ in 1..SESSIONS_TRIED {
            if !matches!(outcome, Err(Fault::Session(_))) {
                break;
            }
            self.drop_session();
            outcome = self.attempt(work);
        }
        outcome
    }

    fn attempt<T>(&mut self, work: &dyn Fn(&mut Open) -> Called<T>) -> Called<T> {
        let open = match &mut self.open {
            Some(open) => open,
            None => {
                let open = self.connect()?;
                self.open.insert(open)
            }
        };
        work(open)
    }

    fn connect(&self) -> Called<Open> {
        let _one = self.shared.opening.lock().unwrap_or_else(PoisonError::into_inner);
        if let Health::Refused { reason, .. } = &self.shared.state().health {
            return Err(Fault::Refused(reason.clone()));
        }
        let module = Module::load(&self.shared.module)?;
        let opened = Open::connect(&module, &self.shared.uri, &self.shared.pin);
        match &opened {
            Ok(_) => self.shared.known.store(true, Ordering::Release),
            // Before anybody else tries the same PIN.
            Err(Fault::Refused(reason)) => self.shared.note::<()>(&Err(Fault::Refused(reason.clone()))),
            Err(Fault::Wrong(TokenError::NoToken { .. })) if self.shared.known.load(Ordering::Acquire) => {
                return Err(Fault::Away("CKR_TOKEN_NOT_PRESENT".to_owned()));
            }
            Err(_) => {}
        }
        opened
    }

    /// Initialises the library anew: many look for tokens only then. A token that was there before and is not now is
    /// away, whatever the library calls it.
    fn revive(&self, reason: String) -> Called<()> {
        let module = Module::load(&self.shared.module).map_err(|_| Fault::Away(reason))?;
        let (guard, _, generation) = module.enter();
        drop(guard);
        module.restart(generation)
    }

    fn drop_session(&mut self) {
        if let Some(open) = self.open.take() {
            open.close();
        }
    }
}
