using ServerlessLoki.Planning.Policies.SlackFit;
using ServerlessLoki.Profiles;
using ServerlessLoki.Tests.TestData;

namespace ServerlessLoki.Tests.Planning.Policies.SlackFit;

/// <summary>A slot does 100, 200, 400 and 800 rows per second with variants of accuracy 1, 0.875, 0.75 and 0.625.</summary>
public sealed class ResidentSlotsTests
{
    [Theory]
    [InlineData(90, 0, 0.001, 1)]
    [InlineData(110, 0, 0.001, 2)]
    [InlineData(310, 0, 0.001, 4)]
    // One row in a hundred comes at 1,000/s, where one slot answers four of five, at 0.625: 0.5 is missing of those.
    [InlineData(90, 0.01, 0.006, 1)]
    [InlineData(90, 0.01, 0.004, 2)]
    // Ten slots serve the burst at the best accuracy too, and there are eight.
    [InlineData(90, 0.01, 0, 8)]
    public void Fewest_Rates_AsManySlotsAsTheBestAnswersNeed(double qps, double burst, double tolerance, int slots)
    {
        var problem = Synthetic.Problem(qps, 8, -1);

        var fewest = ResidentSlots.Fewest(problem, [[(qps, 1 - burst), (1000, burst)]], tolerance);

        Assert.Equal(slots, fewest.Count);
    }

    [Fact]
    public void Fewest_TwoKinds_TheCheapestForWhatItServesFirst()
    {
        var problem = Synthetic.Problem([(Synthetic.Pipeline("p", 200, [-1], 4), 150)], [new DeviceType("dear", 3, 1, 2), new DeviceType("cheap", 1, 1, 1)]);

        var groups = ResidentSlots.Fewest(problem, [[(150, 1)]], 0.001).Groups(default, 8).ToList();

        Assert.Equal([(0, 1), (1, 1)], groups.Select(g => (g.Device, g.Replicas)));
    }

    [Fact]
    public void Fewest_NoDemand_OneSlotForTheFirstRows() => Assert.Equal(1, ResidentSlots.Fewest(Synthetic.Problem(0, 3, -1), [[(0, 1)]], 0.001).Count);
}
