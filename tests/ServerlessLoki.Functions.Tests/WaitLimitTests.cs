using ServerlessLoki.Functions.Setup;

namespace ServerlessLoki.Functions.Tests;

public sealed class WaitLimitTests
{
    /// <summary>The platform closes a request after 230 s.</summary>
    [Fact]
    public void Limits_OfTheApp_CutLongDeadlinesBeforeThePlatformClosesTheRequest()
    {
        Assert.InRange(FunctionApp.Limits.MostWait!.Value.TotalSeconds, 200, 225);
        Assert.Equal(TimeSpan.FromDays(1), FunctionApp.Limits.MaxDeadline);
    }
}
