using System.Globalization;
using ServerlessLoki.Planning.Policies;
using ServerlessLoki.Planning.Policies.InfAdapter;
using ServerlessLoki.Tests.TestData;

namespace ServerlessLoki.Tests.Planning.Policies;

/// <summary>Every decision of infadapter's golden_solver_vectors.csv: InfAdapter, the artifact's program, and MS+.</summary>
public sealed class InfAdapterGoldenTests
{
    private static readonly string[] Depths = ["18", "34", "50", "101", "152"];

    [Theory]
    [InlineData("multi")]
    [InlineData("multi_artifact")]
    [InlineData("single")]
    public void Plan_EveryVector_CoresQuotasAndObjective(string solver)
    {
        var rows = ResearchData.Rows("infadapter/golden_solver_vectors.csv").Where(r => r["solver"] == solver).ToList();

        Assert.Equal(84, rows.Count);
        Assert.Empty(rows.SelectMany(r => Differences(r, solver)));
    }

    private static IEnumerable<string> Differences(Dictionary<string, string> row, string solver)
    {
        double Number(string column) => double.Parse(row[column], CultureInfo.InvariantCulture);
        int[] Ints(string prefix) => [.. Depths.Select(d => (int)Number(prefix + d))];
        var policy = new InfAdapterPolicy(new InfAdapterOptions
        {
            ResourceWeight = Number("alpha"),
            LoadingWeight = Number("beta"),
            SingleVariant = solver == "single",
            ArtifactRestriction = solver == "multi_artifact",
        });

        var plan = policy.Plan(
            InfAdapterInstance.Problem(Number("lambda_rps"), (int)Number("max_cores"), Ints("prev_cores_")), TestContext.Current.CancellationToken);

        var where = $"{solver} alpha {row["alpha"]} lambda {row["lambda_rps"]} previous {string.Join(' ', Ints("prev_cores_"))}";
        var cores = InfAdapterInstance.Cores(plan, Depths.Length);
        var quotas = Depths.Select((_, v) => (int)Math.Round(plan.Flows.Where(f => f.Steps[0].Variant == v).Sum(f => f.Qps)));
        if (!cores.SequenceEqual(Ints("cores_")))
            yield return $"{where}: cores {string.Join(' ', cores)}, not {string.Join(' ', Ints("cores_"))}";
        if (!quotas.SequenceEqual(Ints("quota_")))
            yield return $"{where}: quotas {string.Join(' ', quotas)}, not {string.Join(' ', Ints("quota_"))}";
        if (Math.Abs(plan.Accuracy - Number("average_accuracy")) > 1e-6 || Math.Abs(plan.Proof.Objective - Number("objective")) > 1e-6)
            yield return $"{where}: accuracy {plan.Accuracy}, objective {plan.Proof.Objective}, not {row["average_accuracy"]}, {row["objective"]}";
    }
}
