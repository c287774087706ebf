using ServerlessLoki.Routing;

namespace ServerlessLoki.Serving.Tests.Slots;

public sealed class DriftTests
{
    [Fact]
    public void Observe_MachineBecomesHalfAsFast_IsSeenWithinASecondAndForgottenAsSoon()
    {
        var drift = new Drift();
        var nowUs = 0L;
        Run(2_000_000, 10_000, 10_000);
        Assert.InRange(drift.Factor, 0.99, 1.01);
        Run(1_000_000, 20_000, 10_000);
        Assert.InRange(drift.Factor, 1.6, 2);
        Run(1_000_000, 10_000, 10_000);
        Assert.InRange(drift.Factor, 1, 1.25);

        void Run(long forUs, long actualUs, long expectedUs)
        {
            for (var endUs = nowUs + forUs; nowUs < endUs;)
                drift.Observe(nowUs += actualUs, actualUs, expectedUs);
        }
    }

    [Fact]
    public void Observe_OneBatch_DoesNotDecide()
    {
        var drift = new Drift();
        drift.Observe(1, 3_000, 1_000);
        Assert.InRange(drift.Factor, 1, 1.2);
    }
}
