namespace ServerlessLoki.Planning.Policies.Ipa;

/// <summary>Variant, batch and replicas of one task at a given load (options[s] of IPA's integer program solved exactly).</summary>
/// <param name="Task">Task index.</param>
/// <param name="Variant">Variant index.</param>
/// <param name="Batch">b, rows.</param>
/// <param name="Replicas">n = max(1, ⌈λ / h⌉).</param>
/// <param name="Cores">n·R: slots of the device.</param>
/// <param name="Score">The variant's accuracy, or its rank.</param>
/// <param name="Cost">β·n·R + δ·b.</param>
/// <param name="TimeUs">p99 of a batch plus the time to form it, (b − 1) / λ; microseconds.</param>
internal sealed record IpaChoice(int Task, int Variant, int Batch, int Replicas, int Cores, double Score, double Cost, double TimeUs);
