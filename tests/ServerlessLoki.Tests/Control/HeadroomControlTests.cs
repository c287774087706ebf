using ServerlessLoki.Control;

namespace ServerlessLoki.Tests.Control;

public class HeadroomControlTests
{
    [Fact]
    public void Observe_QueuesThatDoNotDrain_RaisesUpToTheLimit()
    {
        var control = new HeadroomControl();
        control.Observe(0.5, 0, planSheds: false);
        Assert.Equal(1.25, control.Factor, 9);
        for (var i = 0; i < 20; i++)
            control.Observe(0.5, 0, planSheds: false);
        Assert.Equal(4, control.Factor, 9);
    }

    [Theory]
    [InlineData(0.1, 0.0)]
    [InlineData(double.NaN, 0.0)]
    public void Observe_Calm_ComesBackToOne(double medianShare, double lostShare)
    {
        var control = new HeadroomControl();
        control.Observe(1, 1, planSheds: false);
        for (var i = 0; i < 10; i++)
            control.Observe(medianShare, lostShare, planSheds: false);
        Assert.Equal(1, control.Factor, 9);
    }

    [Fact]
    public void Observe_PlanShedsOnPurpose_DoesNotRaise()
    {
        var control = new HeadroomControl();
        control.Observe(0.9, 0.5, planSheds: true);
        Assert.Equal(1, control.Factor, 9);
    }
}
