using System.Globalization;
using System.Text;
using ServerlessLoki.Pipelines;
using ServerlessLoki.Planning;
using ServerlessLoki.Planning.Policies;
using ServerlessLoki.Profiles;
using ServerlessLoki.Simulation;
using ServerlessLoki.Simulation.Traffic;
using ServerlessLoki.Solver;
using ServerlessLoki.Tests.TestData;

namespace ServerlessLoki.Tests.Planning.Policies;

/// <summary>The demo's course over the host's own control loop in virtual time: load falls from far above what the best variants carry to
/// two fifths of it.</summary>
public sealed class UnifiedRecoveryTests
{
    private const double LightQps = 33;
    private const double HeavyQps = 270;
    private const int FallsAfterSeconds = 14;
    private const int Seconds = 32;

    /// <summary>A second for the fall to show, and two in which it is not clear yet.</summary>
    private const double MostSeconds = 4;

    [Theory]
    [InlineData(1, 0)]
    [InlineData(2, 0)]
    [InlineData(3, 0)]
    [InlineData(1, 60)]
    [InlineData(2, 60)]
    [InlineData(3, 60)]
    public void Plan_LoadFell_ReturnsToTheBestPathAndStays(int seed, int loadMs)
    {
        var course = new Course(new UnifiedPolicy(new BranchAndBoundSolver()));
        var result = Simulator.Run(
            new SimulationProblem
            {
                Cluster = Host(),
                Policy = course,
                Arrivals = Arrivals.Step([(LightQps, TimeSpan.FromSeconds(4)), (HeavyQps, TimeSpan.FromSeconds(FallsAfterSeconds - 4)), (LightQps, TimeSpan.FromSeconds(Seconds - FallsAfterSeconds))]),
                Options = SimulationOptions.EmbeddedHost with { Seed = (ulong)seed, ModelLoad = TimeSpan.FromMilliseconds(loadMs) },
            },
            TestContext.Current.CancellationToken);

        // When the last plan ended that was more than a point below the most accurate variants.
        var mixed = result.Plans.Select((p, i) => (p.Plan, EndUs: i + 1 < result.Plans.Length ? result.Plans[i + 1].InForceUs : Seconds * 1_000_000L))
            .Last(p => p.Plan.Accuracy < result.Plans[0].Plan.Accuracy - 0.01).EndUs * 1e-6;
        Assert.True(mixed <= FallsAfterSeconds + MostSeconds, $"back after {mixed - FallsAfterSeconds:0.0} s{Environment.NewLine}{course}");
        Assert.True(result.Total.Violation < 0.01, $"{result.Total.Violation:0.000}{Environment.NewLine}{course}");
    }

    /// <summary>Two cores in sixteen slots; times and fan-out are about those of the traffic sample.</summary>
    private static PlanningProblem Host()
    {
        var pipeline = TestPipelines.Read(
            """
            { "name": "p", "sloMs": 400, "input": {"name": "x", "datatype": "FP32", "shape": [-1]},
              "tasks": [
                {"name": "detect", "variants": [{"name": "d-n", "model": "m", "accuracy": 0.76}, {"name": "d-m", "model": "m", "accuracy": 0.84}, {"name": "d-l", "model": "m", "accuracy": 0.87}, {"name": "d-x", "model": "m", "accuracy": 0.89}]},
                {"name": "vehicle", "variants": [{"name": "v-m", "model": "m", "accuracy": 0.91}, {"name": "v-x", "model": "m", "accuracy": 0.96}]},
                {"name": "person", "variants": [{"name": "p-m", "model": "m", "accuracy": 0.87}, {"name": "p-x", "model": "m", "accuracy": 0.90}]} ],
              "edges": [ {"from": "detect", "to": "vehicle"}, {"from": "detect", "to": "person"} ] }
            """);
        (string Variant, double RowMs)[] times = [("d-n", 0.4), ("d-m", 2.5), ("d-l", 6.5), ("d-x", 20), ("v-m", 0.05), ("v-x", 1.05), ("p-m", 0.04), ("p-x", 0.9)];
        return new PlanningProblem
        {
            Pipelines = [new PipelineDemand(pipeline, LightQps, new FanOut([[2.2, 2.2, 2.2, 2.2], [1.4, 1.4, 1.4, 1.4]]))],
            Devices = [new DeviceType("cpu", 16, 0.125)],
            Profile = new LatencyProfile(
                from time in times
                from batch in new[] { 1, 2, 4, 8, 16 }
                let ms = time.RowMs * batch
                select new ProfileRow(time.Variant, "cpu", batch, ms, ms, ms, ms)),
            Options = new PlanningOptions { Utilization = 0.8, MaxBatch = 16, FillLeftover = true, RelativeGap = 0.002 },
        };
    }

    /// <summary>Writes down what was known, planned and why, plan by plan.</summary>
    private sealed class Course(IPlanningPolicy policy) : IPlanningPolicy
    {
        private readonly StringBuilder _text = new();

        public string Name => policy.Name;

        public TimeSpan History => policy.History;

        public Plan Plan(PlanningProblem problem, CancellationToken cancellationToken = default)
        {
            var plan = policy.Plan(problem, cancellationToken);
            _text.AppendLine(
                CultureInfo.InvariantCulture,
                $"{(problem.Recent?.NowUs ?? 0) * 1e-6,5:0.0} s: forecast {problem.Pipelines[0].DemandQps:0.0}, planned for {plan.DemandQps[0]:0.0} q/s, accuracy {plan.Accuracy:0.000}, B {string.Join("/", plan.PolicyState!.HeadroomRows[0].Select(b => b.ToString("0.0", CultureInfo.InvariantCulture)))}. {plan.Why[0]} {plan.Why[^1]}");
            return plan;
        }

        public override string ToString() => _text.ToString();
    }
}
