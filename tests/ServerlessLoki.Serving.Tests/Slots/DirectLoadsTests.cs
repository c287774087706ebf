using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using ServerlessLoki.Serving.Slots;

namespace ServerlessLoki.Serving.Tests.Slots;

public sealed class DirectLoadsTests
{
    private static readonly VariantId Id = new(0, 0, 1);
    private readonly FakeTimeProvider _clock = new();
    private int _attempts;

    [Fact]
    public async Task Ensure_BrokenFile_IsTriedOnceAPause()
    {
        var loads = Create(() => throw new InvalidOperationException("no model"));
        for (var i = 0; i < 100; i++)
            Assert.False(await loads.EnsureAsync(Id));
        Assert.Equal(1, _attempts);
        Assert.Equal(DirectLoads.Pause, loads.RetryAfter(Id));
        _clock.Advance(DirectLoads.Pause);
        Assert.False(await loads.EnsureAsync(Id));
        Assert.Equal(2, _attempts);
    }

    [Fact]
    public async Task Ensure_RepairedFile_IsLoadedAfterThePause()
    {
        var broken = true;
        var loads = Create(() => broken ? throw new InvalidOperationException("no model") : Task.CompletedTask);
        Assert.False(await loads.EnsureAsync(Id));
        broken = false;
        Assert.False(await loads.EnsureAsync(Id));
        _clock.Advance(DirectLoads.Pause);
        Assert.True(await loads.EnsureAsync(Id));
        Assert.Equal(TimeSpan.Zero, loads.RetryAfter(Id));
    }

    [Fact]
    public async Task Ensure_AskedByManyAtOnce_LoadsOnce()
    {
        var gate = new TaskCompletionSource();
        var loads = Create(() => gate.Task);
        var asked = Enumerable.Range(0, 20).Select(_ => loads.EnsureAsync(Id)).ToArray();
        var other = loads.EnsureAsync(new VariantId(0, 0, 2));
        gate.SetResult();
        Assert.All(await Task.WhenAll(asked), Assert.True);
        Assert.True(await other);
        Assert.Equal(2, _attempts);
    }

    [Fact]
    public async Task Ensure_Stopped_IsNoFailure()
    {
        var loads = Create(() => Task.FromCanceled(new CancellationToken(true)));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => loads.EnsureAsync(Id));
        Assert.Equal(TimeSpan.Zero, loads.RetryAfter(Id));
    }

    private DirectLoads Create(Func<Task> load) => new(
        _ =>
        {
            Interlocked.Increment(ref _attempts);
            return load();
        },
        static _ => "v", _clock, NullLogger.Instance);
}
