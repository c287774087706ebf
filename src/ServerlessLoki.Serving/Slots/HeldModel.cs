namespace ServerlessLoki.Serving.Slots;

/// <summary>Variant that a worker can run: its loaded model with this worker's buffers.</summary>
/// <param name="Variant">Metrics and expected times of the variant. Where it is not the one whose queue the worker serves, it has no queue and no workers.</param>
/// <param name="Lease">Keeps the model loaded.</param>
/// <param name="Runner">Buffers of the worker.</param>
internal sealed record HeldModel(VariantPool Variant, ModelLease Lease, IStageRunner Runner) : IDisposable
{
    public void Dispose()
    {
        Runner.Dispose();
        Lease.Dispose();
    }
}
