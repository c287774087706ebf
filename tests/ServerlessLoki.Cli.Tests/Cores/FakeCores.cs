using ServerlessLoki.Cli.Cores;

namespace ServerlessLoki.Cli.Tests.Cores;

/// <summary>A machine of so many processors on which others take what a test says; null = it cannot be measured.</summary>
internal sealed class FakeCores(int? processors) : ICores
{
    public double OthersSeconds { get; set; }

    /// <summary>Called before each reading.</summary>
    public Action<FakeCores> OnRead { get; init; } = _ => { };

    public CoreTimes? Read()
    {
        OnRead(this);
        return processors is { } count ? new CoreTimes(OthersSeconds, count, count) : null;
    }
}
