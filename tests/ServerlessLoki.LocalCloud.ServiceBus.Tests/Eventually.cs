namespace ServerlessLoki.LocalCloud.ServiceBus.Tests;

internal static class Eventually
{
    /// <summary>Waits for what others do; a minute is far beyond what a busy machine needs.</summary>
    public static async Task Holds(Func<Task<bool>> holds, string what)
    {
        for (var i = 0; i < 1200; i++)
        {
            if (await holds())
                return;
            await Task.Delay(50, TestBus.Stop);
        }

        Assert.Fail($"It never came to this: {what}.");
    }
}
