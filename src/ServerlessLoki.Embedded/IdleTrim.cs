using ServerlessLoki.Serving;
using ServerlessLoki.Serving.Memory;

namespace ServerlessLoki.Embedded;

/// <summary>Release of memory once the host has been idle for a while, for other programs on the machine.</summary>
/// <remarks>The collector sizes its young generation by the processor's cache, hundreds of megabytes on large ones, and
/// keeps it until told.</remarks>
internal sealed class IdleTrim : IAsyncDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);
    private readonly CancellationTokenSource _stopping = new();
    private readonly Task _loop;

    public IdleTrim(ServingEngine engine, TensorBlockPool blocks, TimeProvider time) => _loop = RunAsync(engine, blocks, time, _stopping.Token);

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _loop;
        _stopping.Dispose();
    }

    private static async Task RunAsync(ServingEngine engine, TensorBlockPool blocks, TimeProvider time, CancellationToken stopping)
    {
        try
        {
            using var timer = new PeriodicTimer(Interval, time);
            var (before, trimmed) = (Arrivals(engine), true);
            while (await timer.WaitForNextTickAsync(stopping))
            {
                var now = Arrivals(engine);
                if (now == before && !trimmed)
                {
                    BlockPool.Trim();
                    blocks.Trim();
                    GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
                    NativeHeap.Trim();
                }

                trimmed = now == before;
                before = now;
            }
        }
        catch (OperationCanceledException)
        {
            // Asked to stop.
        }
    }

    private static long Arrivals(ServingEngine engine) =>
        BlockPool.Rents + engine.Metrics.Pipelines.Sum(p => p.Arrivals) + engine.Metrics.Variants.Sum(p => p.Sum(t => t.Sum(v => v.ComputeUs.Count)));
}
