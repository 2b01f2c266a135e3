//! A connection with bounded patience: for a request to begin, for its head to arrive, and for an answer to be taken.
//! A client that sends a byte a minute would otherwise hold its place for ever.

use std::{
    io,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    task::{Context, Poll, ready},
    time::Duration,
};

use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    sync::OwnedSemaphorePermit,
    time::{Sleep, sleep},
};

use crate::limits;

/// What a connection and the requests on it know of each other.
#[derive(Debug, Default)]
pub(super) struct Line {
    begun: AtomicUsize,
    ended: AtomicUsize,
}

impl Line {
    /// Notes a request; it ends when this is dropped.
    pub(super) fn request(self: &Arc<Self>) -> Busy {
        self.begun.fetch_add(1, Ordering::Relaxed);
        Busy(Arc::clone(self))
    }
}

/// A request on a line.
pub(super) struct Busy(Arc<Line>);

impl Drop for Busy {
    fn drop(&mut self) {
        self.0.ended.fetch_add(1, Ordering::Relaxed);
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    /// Nothing of the next request has come.
    Idle,
    /// Its head is coming; that of request number so and so.
    Head(usize),
    /// It is being answered.
    Request,
}

/// A connection that ends when its client is too slow.
pub(in crate::service) struct Patient<T> {
    stream: T,
    line: Arc<Line>,
    phase: Phase,
    alarm: Pin<Box<Sleep>>,
    patience: Patience,
    /// Set while a write waits.
    writing: Option<Pin<Box<Sleep>>>,
    _place: Option<OwnedSemaphorePermit>,
}

/// How long a connection waits.
#[derive(Debug, Clone, Copy)]
struct Patience {
    /// For the next request to begin.
    idle: Duration,
    /// For the head of a request to arrive.
    head: Duration,
    /// For a part of an answer to be taken.
    write: Duration,
}

impl Patience {
    const OURS: Self = Self {
        idle: Duration::from_secs(limits::SERVICE_IDLE_SECONDS),
        head: Duration::from_secs(limits::SERVICE_HEAD_SECONDS),
        write: Duration::from_secs(limits::SERVICE_WRITE_SECONDS),
    };
}

impl<T> Patient<T> {
    pub(super) fn new(stream: T, line: Arc<Line>, place: Option<OwnedSemaphorePermit>) -> Self {
        Self::with(Patience::OURS, stream, line, place)
    }

    fn with(patience: Patience, stream: T, line: Arc<Line>, place: Option<OwnedSemaphorePermit>) -> Self {
        // Whoever connects has something to say.
        let alarm = Box::pin(sleep(patience.head));
        Self { stream, line, phase: Phase::Idle, alarm, patience, writing: None, _place: place }
    }

    fn set(&mut self, phase: Phase, wait: Duration) {
        self.phase = phase;
        self.alarm.as_mut().set(sleep(wait));
    }

    /// Follows what the requests on the line have done since.
    fn follow(&mut self) {
        let (begun, ended) = (self.line.begun.load(Ordering::Relaxed), self.line.ended.load(Ordering::Relaxed));
        match self.phase {
            _ if begun > ended => self.phase = Phase::Request,
            // It was answered between two looks.
            Phase::Request => self.set(Phase::Idle, self.patience.idle),
            Phase::Head(before) if begun > before => self.set(Phase::Idle, self.patience.idle),
            Phase::Head(_) | Phase::Idle => {}
        }
    }
}

impl<T: AsyncRead + Unpin> AsyncRead for Patient<T> {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        this.follow();
        let filled = buf.filled().len();
        match Pin::new(&mut this.stream).poll_read(cx, buf) {
            Poll::Ready(result) => {
                if buf.filled().len() > filled && this.phase == Phase::Idle {
                    let begun = this.line.begun.load(Ordering::Relaxed);
                    this.set(Phase::Head(begun), this.patience.head);
                }
                Poll::Ready(result)
            }
            Poll::Pending if this.phase == Phase::Request => Poll::Pending,
            Poll::Pending => {
                ready!(this.alarm.as_mut().poll(cx));
                Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
            }
        }
    }
}

impl<T: Unpin> Patient<T> {
    /// A write that is done, or that has waited too long.
    fn wrote<V>(&mut self, cx: &mut Context<'_>, done: Poll<io::Result<V>>) -> Poll<io::Result<V>> {
        if done.is_ready() {
            self.writing = None;
            if self.phase == Phase::Idle {
                self.set(Phase::Idle, self.patience.idle);
            }
            return done;
        }
        let wait = self.patience.write;
        let waiting = self.writing.get_or_insert_with(|| Box::pin(sleep(wait)));
        ready!(waiting.as_mut().poll(cx));
        Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
    }
}

impl<T: AsyncWrite + Unpin> AsyncWrite for Patient<T> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        let done = Pin::new(&mut self.stream).poll_write(cx, buf);
        self.wrote(cx, done)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let done = Pin::new(&mut self.stream).poll_flush(cx);
        self.wrote(cx, done)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let done = Pin::new(&mut self.stream).poll_shutdown(cx);
        self.wrote(cx, done)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let done = Pin::new(&mut self.stream).poll_write_vectored(cx, bufs);
        self.wrote(cx, done)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }
}

#[cfg(test)]
mod tests {
    use tokio::{
        io::{AsyncReadExt, AsyncWriteExt, duplex},
        time::Instant,
    };

    use super::*;

    const SHORT: Patience = Patience {
        idle: Duration::from_millis(400),
        head: Duration::from_millis(200),
        write: Duration::from_millis(100),
    };

    #[tokio::test]
    async fn a_head_must_come_in_time_and_a_request_may_take_its_time() {
        let (mut client, server) = duplex(64);
        let line = Arc::new(Line::default());
        let mut server = Patient::with(SHORT, server, Arc::clone(&line), None);
        let mut byte = [0; 1];
        client.write_all(b"G").await.unwrap();
        server.read_exact(&mut byte).await.unwrap();
        // A byte now and then does not help: the head as a whole is late.
        let begun = Instant::now();
        let error = loop {
            tokio::select! {
                read = server.read_exact(&mut byte) => match read { Ok(_) => {}, Err(error) => break error },
                () = sleep(Duration::from_millis(20)) => client.write_all(b"E").await.unwrap(),
            }
        };
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
        assert!(begun.elapsed() <= SHORT.head + Duration::from_secs(5));

        let (mut client, server) = duplex(64);
        let mut server = Patient::with(SHORT, server, Arc::clone(&line), None);
        client.write_all(b"G").await.unwrap();
        server.read_exact(&mut byte).await.unwrap();
        let request = line.request();
        let waited = tokio::time::timeout(SHORT.head * 3, server.read_exact(&mut byte)).await;
        assert!(waited.is_err(), "while it is being answered nothing is expected");
        drop(request);
        let error = tokio::time::timeout(SHORT.idle + Duration::from_secs(5), server.read_exact(&mut byte))
            .await
            .unwrap()
            .unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::TimedOut, "and then the next one");
    }

    #[tokio::test]
    async fn whoever_takes_no_answer_is_left() {
        let (_client, server) = duplex(4);
        let mut server = Patient::with(SHORT, server, Arc::default(), None);
        let error = server.write_all(b"a long answer").await.unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
    }
}
