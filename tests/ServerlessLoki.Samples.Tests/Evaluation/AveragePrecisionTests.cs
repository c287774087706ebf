using ServerlessLoki.Samples.Evaluation;

namespace ServerlessLoki.Samples.Tests.Evaluation;

public sealed class AveragePrecisionTests
{
    [Fact]
    public void Value_HandWorkedExample_FollowsTheAllPointRule()
    {
        var precision = new AveragePrecision();
        precision.AddTruths(4);
        precision.Add(0.5f, true);
        precision.Add(0.9f, true);
        precision.Add(0.8f, false);
        precision.Add(0.7f, true);
        precision.Add(0.1f, false);

        // Precision at the hits, in order of score: 1, 2/3, 3/4; made non-increasing from the right: 1, 3/4, 3/4.
        Assert.Equal((1 + 0.75 + 0.75) / 4, precision.Value(), 9);
    }

    [Fact]
    public void Value_EverythingFound_IsOne()
    {
        var precision = new AveragePrecision();
        precision.AddTruths(1);
        precision.Add(0.9f, true);
        precision.Add(0.2f, false);

        Assert.Equal(1, precision.Value());
    }

    [Fact]
    public void Value_NoTruths_IsZero() => Assert.Equal(0, new AveragePrecision().Value());
}
