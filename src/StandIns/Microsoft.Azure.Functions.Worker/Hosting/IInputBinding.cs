namespace Microsoft.Azure.Functions.Worker.Hosting;

/// <summary>The value of parameters with an input binding's attribute.</summary>
internal interface IInputBinding
{
    Type Attribute { get; }

    object Value { get; }
}
