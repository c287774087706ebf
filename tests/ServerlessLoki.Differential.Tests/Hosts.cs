using ServerlessLoki.Simulation;

namespace ServerlessLoki.Differential.Tests;

/// <summary>The engines that are held against the simulator.</summary>
internal static class Hosts
{
    public const string Embedded = "embedded";
    public const string OneWorker = "ingress and one worker";
    public const string TwoWorkers = "ingress and two workers";

    public static readonly string[] Names = [Embedded, OneWorker, TwoWorkers];

    public static TheoryData<string> All => [.. Names];

    public static Scene Scene(string host, string kind, int seed) => Scenes.Of(kind, seed, host == TwoWorkers ? 2 : 1);

    public static SimulationOptions Simulated(string host) => host == Embedded ? SimulationOptions.EmbeddedHost : SimulationOptions.DistributedHost;

    public static Task<Journal> RunAsync(string host, Scene scene, CancellationToken cancellationToken) =>
        host == Embedded ? EngineSide.RunAsync(scene, cancellationToken) : DistributedSide.RunAsync(scene, cancellationToken);
}
