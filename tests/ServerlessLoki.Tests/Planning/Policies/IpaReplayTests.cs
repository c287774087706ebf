using System.Collections.Immutable;
using System.Globalization;
using ServerlessLoki.Planning;
using ServerlessLoki.Planning.Policies;
using ServerlessLoki.Planning.Policies.Ipa;
using ServerlessLoki.Tests.TestData;

namespace ServerlessLoki.Tests.Planning.Policies;

/// <summary>IPA and its baselines over whole traces with a perfect forecast: every mean of replay_check.csv (IPA, replay of its artifact, settings in the data's README).</summary>
public sealed class IpaReplayTests
{
    // The table has two decimals.
    private const double Rounding = 0.0051;

    [Theory]
    [InlineData("video", "bursty")]
    [InlineData("video", "steady-low")]
    [InlineData("audio-qa", "bursty")]
    [InlineData("audio-qa", "steady-low")]
    public void Plan_EveryStepOfATrace_MeanCoresAndAccuracyOfEverySystem(string pipeline, string workload)
    {
        var expected = ResearchData.Rows("ipa/artifact_results/replay_check.csv").Where(r => r["pipeline"] == pipeline && r["workload"] == workload).ToList();

        Assert.Equal(4, expected.Count);
        Assert.Empty(expected.SelectMany(row =>
        {
            var (cores, accuracy) = Replay(pipeline, workload, row["system"]);
            return Math.Abs(cores - Number(row["mean_cores_replay"])) < Rounding && Math.Abs(accuracy - Number(row["mean_PASx100_replay"])) < Rounding
                ? (string[])[]
                : [$"{row["system"]}: {cores:0.000} cores, accuracy {accuracy:0.000}, not {row["mean_cores_replay"]}, {row["mean_PASx100_replay"]}"];
        }));
    }

    private static (double Cores, double Accuracy) Replay(string pipeline, string workload, string system)
    {
        var policy = Policy(pipeline, workload, system);
        var margin = pipeline == "audio-qa" ? 1.2 : 1;
        var trace = ResearchData.Rows($"ipa/traces/{workload}.csv").Select(r => (int)Number(r["rps_damped8"])).ToArray();
        var byLoad = new Dictionary<double, (int Cores, double Accuracy)?>();
        var now = Initial(pipeline, workload, system);
        double cores = now.Cores, accuracy = now.Accuracy;
        for (var step = 1; step <= 120; step++)
        {
            var ahead = trace.Skip(Math.Min(10 * step, trace.Length - 1)).Take(20);
            var load = Math.Round(margin * ahead.Max());
            if (!byLoad.TryGetValue(load, out var planned))
                byLoad[load] = planned = Plan(policy, IpaInstance.Problem(pipeline, pipeline == "video" ? 4.598 : 17.16, load));
            now = planned ?? now;
            (cores, accuracy) = (cores + now.Cores, accuracy + now.Accuracy);
        }

        return (cores / 121, 100 * accuracy / 121);
    }

    // Where nothing fits, the replay keeps what runs.
    private static (int Cores, double Accuracy)? Plan(IPlanningPolicy policy, PlanningProblem problem)
    {
        var plan = policy.Plan(problem, TestContext.Current.CancellationToken);
        return plan.ServedShare[0] < 1 ? null : (plan.SlotsTaken, plan.Accuracy);
    }

    private static IPlanningPolicy Policy(string pipeline, string workload, string system)
    {
        var bursty = workload == "bursty";
        var objective = pipeline == "video"
            ? new IpaOptions { AccuracyWeight = 2, CoreWeight = 1 }
            : new IpaOptions
            {
                AccuracyWeight = system == "IPA" && bursty ? 20 : 10,
                CoreWeight = system == "RIM" && bursty ? 0.1 : 0.5,
                Score = AccuracyScore.RankProduct,
            };
        return system switch
        {
            "IPA" => new IpaPolicy(objective),
            "FA2-low" => Fa2Policy.Low(new Fa2Options { Objective = objective }),
            "FA2-high" => Fa2Policy.High(new Fa2Options { Objective = objective, Variants = Heavy(pipeline) }),
            _ => new RimPolicy(new RimOptions { Objective = objective, Replicas = Replicas(pipeline, bursty) }),
        };
    }

    // IPA's baselines, pinned values.
    private static ImmutableDictionary<string, string> Heavy(string pipeline) => pipeline == "video"
        ? Pins(("crop", "yolov5s"), ("classification", "resnet101"))
        : Pins(("audio", "facebook-s2t-medium-librispeech-asr"), ("nlp-qa", "deepset-roberta-base-squad2"));

    private static ImmutableDictionary<string, int> Replicas(string pipeline, bool bursty) => pipeline == "video"
        ? Pins(("crop", 3), ("classification", 3))
        : bursty ? Pins(("audio", 27), ("nlp-qa", 6)) : Pins(("audio", 20), ("nlp-qa", 5));

    private static ImmutableDictionary<string, T> Pins<T>(params (string Task, T Value)[] pins) =>
        pins.ToImmutableDictionary(p => p.Task, p => p.Value, StringComparer.Ordinal);

    // The data's README: what runs before the first decision, one core per replica (IPA, adapter loop).
    private static (int Cores, double Accuracy) Initial(string pipeline, string workload, string system)
    {
        var accuracy = ResearchData.Rows("ipa/accuracies.csv").Where(r => r["pipeline"] == pipeline && r["variant_list"] == "results")
            .ToDictionary(r => r["variant"], r => Number(r["accuracy_percent"]) / 100, StringComparer.Ordinal);
        double Pair(string one, string two) => accuracy[one] * accuracy[two];
        return (pipeline, system) switch
        {
            ("video", "FA2-high") => (2, Pair("yolov5s", "resnet101")),
            ("video", "RIM") => (6, Pair("yolov5n", "resnet18")),
            ("video", _) => (2, Pair("yolov5n", "resnet18")),
            (_, "FA2-high") => (2, Pair("facebook-s2t-medium-librispeech-asr", "deepset-roberta-base-squad2")),
            (_, "RIM") => (workload == "bursty" ? 33 : 25, Pair("facebook-s2t-small-librispeech-asr", "deepset-roberta-base-squad2")),
            _ => (2, Pair("facebook-s2t-small-librispeech-asr", "deepset-roberta-base-squad2")),
        };
    }

    private static double Number(string text) => double.Parse(text, CultureInfo.InvariantCulture);
}
