using System.Globalization;
using ServerlessLoki.Planning.Policies;
using ServerlessLoki.Planning.Policies.Ipa;
using ServerlessLoki.Tests.TestData;

namespace ServerlessLoki.Tests.Planning.Policies;

/// <summary>Every decision of ipa's golden_solver_vectors.csv.</summary>
public sealed class IpaGoldenTests
{
    [Theory]
    [InlineData("video", "PAS", 42)]
    [InlineData("video", "PAS_prime", 14)]
    [InlineData("audio-qa", "PAS", 20)]
    [InlineData("audio-qa", "PAS_prime", 10)]
    public void Plan_EveryVector_VariantsBatchesReplicasAndObjective(string pipeline, string score, int count)
    {
        var rows = ResearchData.Rows("ipa/golden_solver_vectors.csv").Where(r => r["pipeline"] == pipeline && r["accuracy_score"] == score).ToList();

        Assert.Equal(count, rows.Count);
        Assert.Empty(rows.SelectMany(Differences));
    }

    private static IEnumerable<string> Differences(Dictionary<string, string> row)
    {
        double Number(string column) => double.Parse(row[column], CultureInfo.InvariantCulture);
        var policy = new IpaPolicy(new IpaOptions
        {
            AccuracyWeight = Number("alpha"),
            CoreWeight = Number("beta"),
            BatchWeight = Number("delta"),
            Score = row["accuracy_score"] == "PAS" ? AccuracyScore.Product : AccuracyScore.RankSum,
        });
        var problem = IpaInstance.Problem(row["pipeline"], Number("sla_s"), Number("lambda_rps"));

        var plan = policy.Plan(problem, TestContext.Current.CancellationToken);

        var where = $"{row["pipeline"]} {row["accuracy_score"]} alpha {row["alpha"]} beta {row["beta"]} lambda {row["lambda_rps"]}";
        for (var stage = 0; stage < 2; stage++)
        {
            var slot = plan.Slots.Single(s => s.Task == stage);
            var found = $"{problem.Pipelines[0].Pipeline.Tasks[stage].Variants[slot.Variant].Name} b{slot.Batch} x{slot.Replicas} of {slot.Cores}";
            var expected = $"{row[$"s{stage + 1}_variant"]} b{row[$"s{stage + 1}_batch"]} x{row[$"s{stage + 1}_replicas"]} of {row[$"s{stage + 1}_cores"]}";
            if (found != expected)
                yield return $"{where}: {found}, not {expected}";
        }

        if (plan.SlotsTaken != (int)Number("total_cores"))
            yield return $"{where}: {plan.SlotsTaken} cores, not {row["total_cores"]}";
        if (Math.Abs(plan.Proof.Objective - Number("objective")) > 2e-6)
            yield return $"{where}: objective {plan.Proof.Objective}, not {row["objective"]}";
        if (Math.Abs((plan.PredictedP99Us[0] / 1e6) - Number("predicted_latency_s")) > 1e-4)
            yield return $"{where}: {plan.PredictedP99Us[0]} µs, not {row["predicted_latency_s"]} s";
        if (row["accuracy_score"] == "PAS" && Math.Abs(plan.Accuracy - Number("score_value")) > 1e-6)
            yield return $"{where}: accuracy {plan.Accuracy}, not {row["score_value"]}";
    }
}
