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

public class ComputeDeviceTests
{
    [Fact(Timeout = 30_000)]
    public async Task Wait_LessThanTheTimerKnows_IsNotWaitedFor()
    {
        // Time stands still: a thread that asked again and again whether half a millisecond is over would never run the row.
        var clock = new ServingClock(new FakeTimeProvider());
        var executor = new BatchExecutor(clock, new NoForwarder(), new SlowdownMonitor(), NullLogger<BatchExecutor>.Instance);
        using var device = new ComputeDevice("cpu", 1, clock, executor, NullLogger<ComputeDevice>.Instance);
        var (queues, key) = (new InProcessStageQueues(), new StageKey("p", "t", "v"));
        var pool = new VariantPool(default, key, new VariantMetrics("p", "t", "v"))
        {
            Latency = new BatchLatency([1, 2], [300, 500]), ProfiledLatency = new BatchLatency([1, 2], [300, 500]),
            Receiver = queues.OpenReceiver(key, device.Signal), MaxBatch = 2, WaitBatch = 2,
        };
        var model = new FakeModels().Load(default);
        var worker = new Worker("cpu/0", pool, new ModelLease(model, model.Dispose), model.CreateRunner());
        device.Change(pools =>
        {
            pool.Workers.Add(worker);
            pool.Idle.Push(worker);
            pools.Add(pool);
        });
        var query = new DirectQuery(new VariantRequest { Variant = "v", Rows = 1, Inputs = [new byte[4]] }, _ => { })
        {
            Pipeline = 0, ArrivalUs = 0, DeadlineUs = 60_000_000, OrderUs = 60_000_000,
        };
        query.AddReference();
        await queues.SendAsync(key, new StageItem { Scope = query, Task = 0, Variant = 0, ParentRow = 0 }, TestContext.Current.CancellationToken);
        using var result = await query.Result.WaitAsync(TestContext.Current.CancellationToken);
        Assert.Equal(QueryOutcome.Completed, result.Outcome);
    }

    private sealed class NoForwarder : IForwarder
    {
        public bool TryReroute(StageItem item) => false;

        public bool TryRerouteToFastest(StageItem item) => false;

        public void Forward(StageItem item, OutputRow[] rows, RowTensor? tensor) => throw new NotSupportedException();
    }
}
