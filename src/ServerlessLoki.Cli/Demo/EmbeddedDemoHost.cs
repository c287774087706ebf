using ServerlessLoki.Serving;

namespace ServerlessLoki.Cli.Demo;

/// <summary>Demo host with the engine in this process.</summary>
internal sealed class EmbeddedDemoHost(ServingEngine engine) : IDemoHost
{
    /// <inheritdoc />
    public Task UsePolicyAsync(string policy, CancellationToken cancellationToken) => engine.UsePolicyAsync(policy, cancellationToken);

    /// <inheritdoc />
    public Task HoldPlanAsync(bool hold, CancellationToken cancellationToken) => engine.ForcePlanAsync(
        hold && engine.Plan is { } plan ? plan with { ServedShare = [.. plan.ServedShare.Select(_ => 1.0)] } : null, cancellationToken);
}
