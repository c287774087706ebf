using ServerlessLoki.Planning;
using ServerlessLoki.Routing;

namespace ServerlessLoki.Tests.Routing;

public sealed class UnansweredWorkTests
{
    [Fact]
    public void Us_QueriesOfTwoPipelines_IsWhatTheyCost()
    {
        var (work, costs) = (new UnansweredWork(2), new QueryCosts([10, 3], [0, 0]));
        work.Add(0);
        work.Add(1);
        work.Add(1);
        Assert.Equal((16, 10, 6), (work.Us(costs), work.OwnUs(costs, 0), work.OwnUs(costs, 1)));

        work.Remove(1);
        Assert.Equal((13, 1), (work.Us(costs), work.Of(1)));
    }

    [Fact]
    public void AddAndRemove_FromManyThreads_LosesNone()
    {
        var work = new UnansweredWork(1);
        Parallel.For(0, 1000, i =>
        {
            work.Add(0);
            if (i % 2 == 0)
                work.Remove(0);
        });
        Assert.Equal(500, work.Of(0));
    }
}
