using ServerlessLoki.Validation;

namespace ServerlessLoki.Pipelines;

/// <summary>A pipeline file was refused; lists every fault.</summary>
public sealed class PipelineFormatException : FaultException
{
    /// <summary>Refuses a file and lists every fault in it.</summary>
    /// <param name="source">Name of the file, for the message.</param>
    /// <param name="faults">Faults found; at least one.</param>
    public PipelineFormatException(string source, IEnumerable<Fault> faults)
        : base(source, faults)
    {
    }
}
