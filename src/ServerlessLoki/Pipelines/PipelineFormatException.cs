using ServerlessLoki.Validation;

namespace ServerlessLoki.Pipelines;

/// <summary>A pipeline file was refused.</summary>
public sealed class PipelineFormatException : FaultException
{
    internal PipelineFormatException(string source, IEnumerable<Fault> faults)
        : base(source, faults)
    {
    }
}
