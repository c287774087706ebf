namespace Azure.Messaging.ServiceBus;

public class ServiceBusRetryOptions
{
    public TimeSpan Delay { get; set; } = TimeSpan.FromSeconds(0.8);

    public TimeSpan MaxDelay { get; set; } = TimeSpan.FromMinutes(1);

    public int MaxRetries { get; set; } = 3;

    public ServiceBusRetryMode Mode { get; set; } = ServiceBusRetryMode.Exponential;

    public TimeSpan TryTimeout { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>The wait before try number <paramref name="attempt"/> + 1, counted from 1.</summary>
    internal TimeSpan DelayAfter(int attempt)
    {
        var delay = Mode == ServiceBusRetryMode.Fixed ? Delay : Delay * Math.Pow(2, attempt - 1);
        return delay < MaxDelay ? delay : MaxDelay;
    }
}
