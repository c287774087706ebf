using ServerlessLoki.Routing;

namespace ServerlessLoki.Serving.Tests.Dispatch;

public sealed class AdmissionMarginTests
{
    private const long StepUs = 100_000;
    private readonly AdmissionMargin _margin = new();
    private long _nowUs = StepUs;

    [Fact]
    public void Observe_ManyLate_GrowsToItsBound()
    {
        for (var step = 0; step < 40; step++)
            Step(ended: 100, late: 5);
        Assert.Equal(AdmissionMargin.Most, _margin.ShareAt(_nowUs));
    }

    [Fact]
    public void Observe_AQuarterLate_GrowsFast()
    {
        Step(ended: 100, late: 25);
        Step(ended: 100, late: 25);
        Assert.Equal(AdmissionMargin.Least + 0.2, _margin.ShareAt(_nowUs), 1e-9);
    }

    [Fact]
    public void Observe_NoneLateAnyMore_ShrinksSlowly()
    {
        for (var step = 0; step < 6; step++)
            Step(ended: 100, late: 5);
        var grown = _margin.ShareAt(_nowUs);
        Step(ended: 100, late: 0);
        Assert.InRange(_margin.ShareAt(_nowUs), 0.99 * grown, 0.9999 * grown);
        for (var step = 0; step < 400; step++)
            Step(ended: 100, late: 0);
        Assert.Equal(AdmissionMargin.Least, _margin.ShareAt(_nowUs));
    }

    [Fact]
    public void Share_NobodyComesAnyMore_ShrinksToTheLeast()
    {
        for (var step = 0; step < 6; step++)
            Step(ended: 100, late: 25);
        Assert.Equal(AdmissionMargin.Most, _margin.ShareAt(_nowUs));
        Assert.InRange(_margin.ShareAt(_nowUs + (60 * StepUs)), 0.2, 0.4);
        Assert.Equal(AdmissionMargin.Least, _margin.ShareAt(_nowUs + (200 * StepUs)));
    }

    [Theory]
    [InlineData(100, 1)]
    [InlineData(1000, 5)]
    public void Observe_FewLate_AreChance(int ended, int late)
    {
        Step(ended, late);
        Assert.Equal(AdmissionMargin.Least, _margin.ShareAt(_nowUs));
    }

    private void Step(int ended, int late)
    {
        for (var i = 0; i < ended - 1; i++)
            _margin.Observe(i < late, _nowUs - 1);
        _nowUs += StepUs;
        _margin.Observe(late == ended, _nowUs);
    }
}
