import { Logger } from "@aws-lambda-powertools/logger";

/** Reads its level and its service from POWERTOOLS_LOG_LEVEL and POWERTOOLS_SERVICE_NAME. */
export const logger = new Logger();
