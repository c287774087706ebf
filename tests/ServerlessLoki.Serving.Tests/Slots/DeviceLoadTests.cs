using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using ServerlessLoki.Embedded;
using ServerlessLoki.Profiles;
using ServerlessLoki.Serving.Dispatch;
using ServerlessLoki.Serving.Ports;
using ServerlessLoki.Serving.Queries;
using ServerlessLoki.Serving.Slots;
using ServerlessLoki.Serving.Telemetry;
using ServerlessLoki.Serving.Tests.Doubles;

namespace ServerlessLoki.Serving.Tests.Slots;

public sealed class DeviceLoadTests
{
    private static readonly StageKey Key = new("p", "t", "v");
    private readonly ServingClock _clock = new(new FakeTimeProvider());
    private readonly InProcessStageQueues _queues = new();

    [Fact]
    public async Task BeforeUs_RowsWaitAndRun_CountsBothAndTheirOrder()
    {
        using var device = Device();
        await SendAsync(dueUs: 1_000_000);
        await SendAsync(dueUs: 2_000_000);
        await SendAsync(dueUs: 3_000_000);
        Assert.Equal((600, 400, 600, 0), (device.Load.BeforeUs(4_000_000), device.Load.BeforeUs(2_500_000), device.Load.BeforeUs(4_000_000, 0), device.Load.BeforeUs(4_000_000, 1)));
        // One in hand counts wherever the arrival stands.
        Assert.True(device.TryTake(out var worker, out _, out _));
        Assert.Equal((600, 200), (device.Load.BeforeUs(4_000_000), device.Load.BeforeUs(0)));
        device.Begin(worker!);
        device.End(worker!);
        // It took no time at all, so the others are expected to take a little less.
        Assert.InRange(device.Load.BeforeUs(4_000_000), 380, 399);
    }

    [Fact]
    public async Task BeforeUs_RowsAreTakenMeanwhile_MissesNoneAndCountsAtMostTheMovingOneTwice()
    {
        const int Rows = 2_000;
        using var device = Device();
        // Batches that take no time bring the drift to its floor of a half, where it stays: a row is 100 µs then.
        for (var i = 0; i < 200; i++)
            await SendAsync(dueUs: 1_000_000);
        Run(200, () => { }, () => { });
        for (var i = 0; i < Rows; i++)
            await SendAsync(dueUs: 1_000_000);
        Assert.Equal(Rows * 100, device.Load.BeforeUs(long.MaxValue));
        var (ending, ended) = (0, 0);
        var readers = Enumerable.Range(0, 2).Select(_ => Task.Run(() =>
        {
            while (Volatile.Read(ref ended) < Rows)
            {
                var most = Rows - Volatile.Read(ref ended) + 1;
                var seen = (int)Math.Round(device.Load.BeforeUs(long.MaxValue) / 100);
                Assert.InRange(seen, Rows - Volatile.Read(ref ending), most);
            }
        })).ToArray();
        Run(Rows, () => Interlocked.Increment(ref ending), () => Interlocked.Increment(ref ended));
        await Task.WhenAll(readers);
        Assert.Equal(0, device.Load.BeforeUs(long.MaxValue));

        void Run(int rows, Action before, Action after)
        {
            for (var i = 0; i < rows; i++)
            {
                Assert.True(device.TryTake(out var worker, out _, out _));
                device.Begin(worker!);
                before();
                device.End(worker!);
                after();
            }
        }
    }

    [Fact]
    public async Task Pictures_ManyThreadsAddAndTake_NoCostIsLost()
    {
        const int Threads = 4, Each = 5_000;
        var queue = new PictureQueue();
        await Task.WhenAll(Enumerable.Range(0, Threads).Select(t => Task.Run(() =>
        {
            for (var i = 0; i < Each; i++)
                queue.Add(Item(pipeline: t, dueUs: i), 10, 30.5);
        })));
        Assert.Equal((Threads * Each, Threads * Each * 30.5), (queue.Count, queue.CostBeforeUs(long.MaxValue)));
        Assert.All(Enumerable.Range(0, Threads), t => Assert.Equal(Each * 30.5, queue.CostBeforeUs(long.MaxValue, t)));
        Assert.Equal(Threads * Each * 30.5 / 2, queue.CostBeforeUs((Each / 2) - 1));
        await Task.WhenAll(Enumerable.Range(0, Threads).Select(_ => Task.Run(() =>
        {
            for (var i = 0; i < Each; i++)
                queue.Done(queue.Take());
        })));
        Assert.Equal((0, 0, 0, 0), (queue.Count, queue.CostBeforeUs(long.MaxValue), queue.CostBeforeUs(long.MaxValue, 1), queue.DecodingUs));
        Assert.Null(queue.Peek());
    }

    /// <summary>One that the test itself does the threads' part for, with one worker that takes 200 µs a row.</summary>
    private ComputeDevice Device()
    {
        var executor = new BatchExecutor(_clock, new NoForwarder(), new SlowdownMonitor(), NullLogger<BatchExecutor>.Instance);
        var device = new ComputeDevice("cpu", 1, _clock, executor, NullLogger<ComputeDevice>.Instance, hasThreads: false);
        var latency = new BatchLatency([1], [200]);
        var pool = new VariantPool(default, Key, new VariantMetrics("p", "t", "v"))
        {
            Latency = latency, ProfiledLatency = latency, Receiver = _queues.OpenReceiver(Key, device.Signal), RowCostNs = 200_000,
        };
        var model = new FakeModels().Load(default);
        device.Change(pools =>
        {
            pools.Add(pool);
            var worker = new Worker("cpu/0", pool, new ModelLease(model, model.Dispose), model.CreateRunner());
            pool.Workers.Add(worker);
            pool.Idle.Push(worker);
        });
        return device;
    }

    private async Task SendAsync(long dueUs)
    {
        var item = Item(pipeline: 0, dueUs);
        item.Scope.AddReference();
        await _queues.SendAsync(Key, item, TestContext.Current.CancellationToken);
    }

    private static StageItem Item(int pipeline, long dueUs) => new()
    {
        Scope = new DirectQuery(new VariantRequest { Variant = "v", Rows = 1, Inputs = [new byte[4]] }, _ => { })
        {
            Pipeline = pipeline, ArrivalUs = 0, DeadlineUs = long.MaxValue, OrderUs = dueUs,
        },
        Task = 0, Variant = 0, ParentRow = 0,
    };

    private sealed class NoForwarder : IForwarder
    {
        public bool TryReroute(StageItem item) => false;

        public bool TryRerouteToFastest(StageItem item) => false;

        public void Forward(StageItem item, OutputRow[] rows, RowTensor? tensor) => throw new NotSupportedException();
    }
}
