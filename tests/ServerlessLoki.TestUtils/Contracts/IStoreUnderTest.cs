using ServerlessLoki.Serving.Ports;

namespace ServerlessLoki.TestUtils.Contracts;

/// <summary>A state store with names of its own, so that tests do not meet.</summary>
public interface IStoreUnderTest
{
    /// <summary>The store.</summary>
    IStateStore Store { get; }

    /// <summary>The same store, as it takes runs in.</summary>
    IRunIntake Intake => (IRunIntake)Store;

    /// <summary>Where the inputs of its runs are.</summary>
    IPayloadStore Payloads { get; }

    /// <summary>The same content seen by another process.</summary>
    IStateStore Another();
}
