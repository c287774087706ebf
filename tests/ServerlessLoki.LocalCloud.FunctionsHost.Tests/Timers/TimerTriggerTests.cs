using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using ServerlessLoki.LocalCloud.FunctionsHost.Tests.Setup;
using ServerlessLoki.LocalCloud.FunctionsHost.Timers;

namespace ServerlessLoki.LocalCloud.FunctionsHost.Tests.Timers;

/// <summary>A timer of every ten seconds on a clock that the test moves.</summary>
public sealed class TimerTriggerTests : IAsyncDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(10);
    private readonly CountingTime _time = new();
    private readonly FakeLocks _locks = new();
    private readonly CancellationTokenSource _stopping = new();
    private Func<Task> _call = () => Task.CompletedTask;
    private Task _running = Task.CompletedTask;
    private int _calls;

    [Fact]
    public async Task Timer_Due_Fires()
    {
        Start();
        _time.Advance(Interval - TimeSpan.FromSeconds(1));
        Assert.Equal(0, _calls);
        _time.Advance(TimeSpan.FromSeconds(1));
        await CalledAsync(1);
        await SleepsAsync(2);
        _time.Advance(Interval);
        await CalledAsync(2);
    }

    [Fact]
    public async Task Call_TakesLongerThanTheInterval_MissedTimesAreLeftOut()
    {
        var call = new TaskCompletionSource();
        _call = () => call.Task;
        Start();
        _time.Advance(Interval);
        await CalledAsync(1);
        _time.Advance(3.5 * Interval);
        Assert.Equal(1, _calls);
        _call = () => Task.CompletedTask;
        call.SetResult();
        await SleepsAsync(2);
        // The next time after now, not one of those that passed.
        _time.Advance(0.4 * Interval);
        Assert.Equal(1, _calls);
        _time.Advance(0.1 * Interval);
        await CalledAsync(2);
    }

    [Fact]
    public async Task Call_Throws_TimerGoesOn()
    {
        _call = () => throw new InvalidOperationException("on purpose");
        Start();
        _time.Advance(Interval);
        await CalledAsync(1);
        await SleepsAsync(2);
        _time.Advance(Interval);
        await CalledAsync(2);
    }

    [Fact]
    public async Task Lock_HeldByAnother_NothingFiresUntilItIsFree()
    {
        _locks.IsFree = new TaskCompletionSource();
        Start();
        _time.Advance(3 * Interval);
        Assert.Equal(0, _calls);
        _locks.IsFree.SetResult();
        await SleepsAsync(1);
        _time.Advance(Interval);
        await CalledAsync(1);
    }

    [Fact]
    public async Task Lock_Lost_NothingFiresUntilItIsHeldAgain()
    {
        Start();
        var again = _locks.IsFree = new TaskCompletionSource();
        await _locks.Held.LoseAsync();
        await Eventually.HoldsAsync(() => Task.FromResult(_locks.Asked == 2), () => "the lock is asked for again");
        _time.Advance(3 * Interval);
        Assert.Equal(0, _calls);
        again.SetResult();
        await Eventually.HoldsAsync(
            () =>
            {
                _time.Advance(Interval);
                return Task.FromResult(_calls > 0);
            },
            () => "it fires again");
    }

    [Fact]
    public async Task RunOnStartup_FiresAtOnce()
    {
        Start(""", "runOnStartup": true""");
        await CalledAsync(1);
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _running;
        _stopping.Dispose();
    }

    private void Start(string more = "")
    {
        var trigger = new TimerTrigger(
            TestFunction.Timer(more), TimerSchedule.Parse("*/10 * * * * *"),
            (_, _, _) =>
            {
                _calls++;
                return _call();
            },
            _locks, _time, NullLogger.Instance);
        _running = trigger.RunAsync(_stopping.Token, CancellationToken.None);
    }

    private Task CalledAsync(int times) => Eventually.HoldsAsync(() => Task.FromResult(_calls == times), () => $"{times} calls, but there are {_calls}");

    // What a trigger does after a call runs on a thread of the pool: the clock moves once it has gone to sleep again.
    private Task SleepsAsync(int times) => Eventually.HoldsAsync(() => Task.FromResult(_time.Sleeps == times), () => $"{times} sleeps, but there are {_time.Sleeps}");

    private sealed class CountingTime : FakeTimeProvider
    {
        private int _sleeps;

        public int Sleeps => Volatile.Read(ref _sleeps);

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
        {
            var timer = base.CreateTimer(callback, state, dueTime, period);
            Interlocked.Increment(ref _sleeps);
            return timer;
        }
    }

    private sealed class FakeLocks : ISingletonLocks
    {
        public TaskCompletionSource IsFree { get; set; } = Free();

        public FakeLock Held { get; private set; } = new();

        public int Asked { get; private set; }

        public async Task<IHeldLock> AcquireAsync(string name, CancellationToken cancellationToken)
        {
            Asked++;
            await IsFree.Task.WaitAsync(cancellationToken);
            return Held = new FakeLock();
        }

        private static TaskCompletionSource Free()
        {
            var free = new TaskCompletionSource();
            free.SetResult();
            return free;
        }
    }

    private sealed class FakeLock : IHeldLock
    {
        private readonly CancellationTokenSource _lost = new();

        public CancellationToken Lost => _lost.Token;

        public Task LoseAsync() => _lost.CancelAsync();

        public ValueTask DisposeAsync()
        {
            _lost.Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
