using Microsoft.Azure.Functions.Worker.Converters;
using ServerlessLoki.Functions.ServiceBus.Rpc;

namespace Microsoft.Azure.Functions.Worker;

/// <summary>Converter that supplies a function's <see cref="ServiceBusMessageActions"/>.</summary>
internal sealed class ServiceBusMessageActionsConverter(Settlement.SettlementClient settlement) : IInputConverter
{
    public ValueTask<ConversionResult> ConvertAsync(ConverterContext context) =>
        new(context.TargetType == typeof(ServiceBusMessageActions) ? ConversionResult.Success(new ServiceBusMessageActions(settlement)) : ConversionResult.Unhandled());
}
