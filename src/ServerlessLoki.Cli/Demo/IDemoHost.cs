namespace ServerlessLoki.Cli.Demo;

/// <summary>Server that the demo controls; everything else goes over HTTP.</summary>
internal interface IDemoHost
{
    /// <summary>Changes the policy and plans at once.</summary>
    Task UsePolicyAsync(string policy, CancellationToken cancellationToken);

    /// <summary>Keeps the plan in force and lifts its shedding, so that saturation can be measured; false = the policy decides again.</summary>
    Task HoldPlanAsync(bool hold, CancellationToken cancellationToken);
}
