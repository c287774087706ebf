using ServerlessLoki.Profiles;
using ServerlessLoki.Serving.Ports;
using ServerlessLoki.Serving.Slots;
using ServerlessLoki.Serving.Telemetry;
using ServerlessLoki.Serving.Tests.Doubles;

namespace ServerlessLoki.Serving.Tests.Slots;

public sealed class VariantPoolTests
{
    [Fact]
    public void Leave_UsedSince_KeepsItsWorkers()
    {
        var pool = Pool();
        var before = pool.LastUsedUs;
        Assert.True(pool.Use(5));
        Assert.Null(pool.Leave(before));
        Assert.Single(pool.Workers);
        Assert.True(pool.Use(6));
    }

    [Fact]
    public void Leave_NotUsedSince_TakesThemAndLaterUsesAreToldSo()
    {
        var pool = Pool();
        pool.Use(5);
        Assert.Single(pool.Leave(5)!);
        Assert.False(pool.Use(6));
    }

    [Fact]
    public void Use_ByVariantsThatNobodyKeeps_IsRefused()
    {
        var pool = Pool();
        pool.IsOnDemand = false;
        Assert.False(pool.Use(1));
        pool.IsStandby = true;
        Assert.True(pool.Use(2));
    }

    [Fact]
    public void LeaveAndUse_AtOnce_ExactlyOneSucceeds()
    {
        for (var i = 1; i <= 2_000; i++)
        {
            var pool = Pool();
            var (used, left) = (false, false);
            using var start = new Barrier(2);
            var user = new Thread(() =>
            {
                start.SignalAndWait();
                used = pool.Use(i);
            });
            user.Start();
            start.SignalAndWait();
            left = pool.Leave(0) is not null;
            user.Join();
            Assert.True(used != left, $"round {i}");
        }
    }

    private static VariantPool Pool()
    {
        var model = new FakeModels().Load(default);
        var pool = new VariantPool(default, new StageKey("p", "t", "v"), new VariantMetrics("p", "t", "v"))
        {
            Latency = new BatchLatency([1], [1]), ProfiledLatency = new BatchLatency([1], [1]), IsOnDemand = true,
        };
        pool.Workers.Add(new Worker("cpu/0", pool, new ModelLease(model, model.Dispose), model.CreateRunner()));
        return pool;
    }
}
